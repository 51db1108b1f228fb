<?php
/**
 * Special:FirstSignIn, where the owner of a wiki with accounts of its own chooses their password by a one-time link.
 *
 * Wikistead made the link's key and keeps it nowhere; the row `wikistead sign-in` of the table updatelog holds its
 * SHA-256, until when it counts, and for which owner. Opening the link changes nothing, so that whoever only looks at
 * addresses spends none. Choosing the password removes that very row, once, in the transaction that sets it.
 */

use MediaWiki\Auth\AuthenticationResponse;
use MediaWiki\Auth\AuthManager;
use MediaWiki\Auth\PasswordAuthenticationRequest;
use MediaWiki\HTMLForm\HTMLForm;
use MediaWiki\Language\RawMessage;
use MediaWiki\Registration\ExtensionRegistry;
use MediaWiki\Session\SessionManager;
use MediaWiki\SpecialPage\SpecialPage;
use MediaWiki\SpecialPage\UnlistedSpecialPage;
use MediaWiki\Status\Status;
use MediaWiki\Title\Title;
use MediaWiki\User\User;
use MediaWiki\User\UserFactory;
use Wikimedia\Rdbms\IConnectionProvider;
use Wikimedia\Rdbms\IReadableDatabase;

class WikisteadFirstSignIn extends UnlistedSpecialPage {
	private const OWNER = 'wikistead owner';
	private const SIGN_IN = 'wikistead sign-in';

	public function __construct(
		private readonly AuthManager $authManager,
		private readonly IConnectionProvider $databases,
		private readonly UserFactory $users
	) {
		parent::__construct( 'FirstSignIn' );
	}

	/** @inheritDoc */
	public function getDescription() {
		return new RawMessage( 'Choose your password' );
	}

	/** @inheritDoc */
	public function doesWrites() {
		return true;
	}

	/** @inheritDoc */
	public function execute( $subPage ) {
		$this->setHeaders();
		$this->checkReadOnly();
		$out = $this->getOutput();
		$out->disableClientCache();
		// The address holds the key.
		$this->getRequest()->response()->header( 'Referrer-Policy: no-referrer' );
		$key = $this->getRequest()->getText( 'key' );
		$owner = $this->ownerBy( $key, $this->databases->getPrimaryDatabase() );
		if ( !$owner ) {
			$out->setStatusCode( 410 );
			$out->addWikiTextAsInterface( 'This link was used, has run out, was replaced by another, or is not this wiki\'s. '
				. 'The wiki\'s owner gets a new one where they made the wiki.' );
			return;
		}
		HTMLForm::factory( 'ooui', [
			'about' => [ 'type' => 'info', 'default' => "This wiki is yours. Your name here is “{$owner->getName()}”." ],
			'password' => [ 'type' => 'password', 'label' => 'Your password', 'required' => true,
				'autocomplete' => 'new-password' ],
			'retype' => [ 'type' => 'password', 'label' => 'Once more', 'required' => true,
				'autocomplete' => 'new-password' ],
		], $this->getContext() )
			->setTitle( $this->getPageTitle() )
			->setFormIdentifier( 'first-sign-in' )
			->setId( 'first-sign-in' )
			->addHiddenField( 'key', $key )
			->setSubmitText( 'Sign in' )
			->setSubmitCallback( fn ( array $data ) => $this->choose( $key, $owner, $data ) )
			->show();
	}

	/** Whose link it is, while it counts: not any more when the wiki belongs to another. */
	private function ownerBy( string $key, IReadableDatabase $db ): ?User {
		$signIn = json_decode( $this->valueOf( self::SIGN_IN, $db ) ?? 'null', true );
		$owner = json_decode( $this->valueOf( self::OWNER, $db ) ?? 'null', true );
		if ( !$signIn || !$owner || $signIn['user'] !== $owner['user'] || $signIn['until'] <= time()
			|| !hash_equals( $signIn['hash'], hash( 'sha256', $key ) )
		) {
			return null;
		}
		$user = $this->users->newFromId( $owner['account'] );
		return $user->isRegistered() && $user->loadFromId() ? $user : null;
	}

	private function valueOf( string $row, IReadableDatabase $db ): ?string {
		$value = $db->newSelectQueryBuilder()->select( 'ul_value' )->from( 'updatelog' )
			->where( [ 'ul_key' => $row ] )->caller( __METHOD__ )->fetchField();
		return is_string( $value ) ? $value : null;
	}

	/** @return Status|bool */
	private function choose( string $key, User $owner, array $data ) {
		if ( $data['password'] !== $data['retype'] ) {
			return Status::newFatal( 'badretype' );
		}
		$request = new PasswordAuthenticationRequest();
		$request->action = AuthManager::ACTION_CHANGE;
		$request->username = $owner->getName();
		$request->password = $data['password'];
		$request->retype = $data['retype'];
		$status = $this->authManager->allowsAuthenticationDataChange( $request );
		if ( !$status->isGood() || $status->getValue() === 'ignored' ) {
			return $status->isGood() ? Status::newFatal( 'authmanager-change-not-supported' ) : Status::wrap( $status );
		}
		if ( !$this->spend( $key ) ) {
			return Status::newFatal( new RawMessage( 'This link was used just now.' ) );
		}
		$this->authManager->changeAuthenticationData( $request );
		// Whoever was signed in to the account is so no more.
		SessionManager::singleton()->invalidateSessionsForUser( $owner );
		$this->signIn( $owner, $data['password'] );
		return true;
	}

	/** True once: of two at the same time one finds the row. */
	private function spend( string $key ): bool {
		$db = $this->databases->getPrimaryDatabase();
		$value = $this->valueOf( self::SIGN_IN, $db );
		if ( $value === null || !$this->ownerBy( $key, $db ) ) {
			return false;
		}
		$db->newDeleteQueryBuilder()->deleteFrom( 'updatelog' )
			->where( [ 'ul_key' => self::SIGN_IN, 'ul_value' => $value ] )
			->caller( __METHOD__ )->execute();
		return $db->affectedRows() === 1;
	}

	/** Where the wiki asks for more than a password, its own page does that. */
	private function signIn( User $owner, string $password ): void {
		$request = new PasswordAuthenticationRequest();
		$request->action = AuthManager::ACTION_LOGIN;
		$request->username = $owner->getName();
		$request->password = $password;
		// On the hub they came to make wikis.
		$start = ExtensionRegistry::getInstance()->isLoaded( 'WikiFarm' )
			? SpecialPage::getTitleFor( 'WikiFarm' )
			: Title::newMainPage();
		$answer = $this->authManager->beginAuthentication( [ $request ], $start->getFullURL() );
		$this->getOutput()->redirect( $answer->status === AuthenticationResponse::PASS
			? $start->getFullURL()
			: SpecialPage::getTitleFor( 'Userlogin' )->getFullURL( [ 'wpName' => $owner->getName() ] ) );
	}
}
