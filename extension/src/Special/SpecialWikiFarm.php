<?php

namespace MediaWiki\Extension\WikiFarm\Special;

use MediaWiki\Extension\WikiFarm\ActingUser;
use MediaWiki\Extension\WikiFarm\FeaturedWikis;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceFailure;
use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Html\Html;
use MediaWiki\HTMLForm\HTMLForm;
use MediaWiki\Languages\LanguageNameUtils;
use MediaWiki\MainConfigNames;
use MediaWiki\SpecialPage\SpecialPage;
use MediaWiki\Status\Status;

/**
 * The front page of the farm. What PHP shows is good without JavaScript: lists and the way to the log-in. With it, the
 * same place is the console's components. Special:WikiFarm/Link?code=… says to the console which account the browser
 * has here, and sends it back there to confirm that the two become one; Special:WikiFarm/SignIn?code=… says it to sign in
 * there by it.
 */
class SpecialWikiFarm extends SpecialPage {
	/** The page does not wait for a service that is slow: browsers ask it again. */
	private const SECONDS_TO_WAIT = 3;

	/** What the console asks of a browser that it sends here, by subpage: where the answer goes, and the texts of the form. */
	private const ANSWERS = [
		'Link' => [ 'to' => 'links', 'texts' => 'wikifarm-link' ],
		'SignIn' => [ 'to' => 'sign-ins', 'texts' => 'wikifarm-console-sign-in' ],
	];

	public function __construct(
		private readonly ServiceClient $client,
		private readonly LanguageNameUtils $languageNameUtils,
		private readonly FeaturedWikis $featured
	) {
		parent::__construct( 'WikiFarm' );
	}

	/** @inheritDoc */
	public function execute( $subPage ) {
		$this->setHeaders();
		foreach ( self::ANSWERS as $page => [ 'texts' => $texts ] ) {
			if ( strcasecmp( (string)$subPage, $page ) === 0 ) {
				$this->showAnswer( $page, $texts );
				return;
			}
		}
		$user = ActingUser::newFromAuthority( $this->getAuthority() );
		$out = $this->getOutput();
		$out->addModuleStyles( 'ext.wikiFarm.styles' );
		$out->addModules( 'ext.wikiFarm' );
		$out->addJsConfigVars( 'wgWikiFarm', $this->pageData( $user ) );
		$out->addHTML( Html::rawElement( 'div', [ 'id' => 'ext-wikifarm' ],
			Html::rawElement( 'div', [ 'class' => 'ext-wikifarm' . ( $user ? '' : ' ext-wikifarm--signed-out' ) ],
				( $user ? '' : $this->signIn() ) .
				Html::rawElement( 'div', [ 'class' => 'ext-wikifarm__main' ],
					( $user ? $this->own( $user ) : '' ) . $this->featured() ) ) ) );
	}

	private function pageData( ?ActingUser $user ): array {
		$languages = [];
		foreach ( $this->languageNameUtils->getLanguageNames() as $code => $name ) {
			$languages[] = [ 'code' => (string)$code, 'name' => $name ];
		}
		return [
			'user' => $user?->name,
			'mayCreate' => $user && in_array( 'create-wiki', $user->rights ),
			'rootHost' => $this->rootHost(),
			'languages' => $user ? $languages : [],
			'language' => $this->getLanguage()->getCode(),
			'pageSize' => $this->pageSize(),
			'signInUrl' => $this->returning( 'Userlogin' ),
			'signUpUrl' => $this->returning( 'CreateAccount' ),
		];
	}

	private function rootHost(): string {
		$named = $this->getConfig()->get( 'WikiFarmRootHost' );
		$own = (string)parse_url( $this->getConfig()->get( MainConfigNames::CanonicalServer ), PHP_URL_HOST );
		return $named !== '' ? $named : (string)substr( strstr( $own, '.' ) ?: '.', 1 );
	}

	private function pageSize(): int {
		return min( 100, max( 1, (int)$this->getConfig()->get( 'WikiFarmFeaturedPageSize' ) ) );
	}

	private function returning( string $page ): string {
		return SpecialPage::getTitleFor( $page )
			->getLocalURL( [ 'returnto' => $this->getPageTitle()->getPrefixedDBkey() ] );
	}

	private function signIn(): string {
		$button = 'cdx-button cdx-button--fake-button cdx-button--fake-button--enabled ' .
			'cdx-button--action-progressive cdx-button--weight-primary';
		return Html::rawElement( 'aside', [ 'class' => 'ext-wikifarm__sign-in' ],
			Html::element( 'h2', [], $this->msg( 'wikifarm-sign-in-title' )->text() ) .
			Html::element( 'p', [], $this->msg( 'wikifarm-sign-in-text' )->text() ) .
			Html::rawElement( 'p', [], Html::element( 'a',
				[ 'href' => $this->returning( 'Userlogin' ), 'class' => $button ],
				$this->msg( 'wikifarm-sign-in' )->text() ) ) .
			Html::rawElement( 'p', [], Html::element( 'a',
				[ 'href' => $this->returning( 'CreateAccount' ) ], $this->msg( 'wikifarm-sign-up' )->text() ) ) );
	}

	private function own( ActingUser $user ): string {
		$request = ServiceRequest::to( 'GET', [ 'users', (string)$user->id, 'wikis' ], [ 'limit' => $this->pageSize() ] );
		$form = in_array( 'create-wiki', $user->rights ) ?
			Html::rawElement( 'noscript', [], Html::element( 'p', [],
				$this->msg( 'wikifarm-create-no-script' )->text() ) ) :
			Html::element( 'p', [], $this->msg( 'wikifarm-create-not-allowed' )->text() );
		return $this->section( 'wikifarm-own-title', 'wikifarm-own-none',
			fn () => $this->client->ask( $request, $user, self::SECONDS_TO_WAIT ) ) . $form;
	}

	private function featured(): string {
		return $this->section( 'wikifarm-featured-title', 'wikifarm-featured-none',
			fn () => $this->featured->page( $this->pageSize(), 0, self::SECONDS_TO_WAIT ) );
	}

	/**
	 * @param string $title Message key
	 * @param string $none Message key
	 * @param callable(): array $ask
	 */
	private function section( string $title, string $none, callable $ask ): string {
		try {
			$page = $ask();
			$list = $this->listOf( $page['wikis'] ?? [], $none );
			if ( isset( $page['next_offset'] ) ) {
				$list .= Html::element( 'p', [], $this->msg( 'wikifarm-list-more' )->text() );
			}
		} catch ( ServiceFailure $failure ) {
			$list = Html::warningBox( $this->msg( $failure->getMessageValue() )->escaped() );
		}
		return Html::rawElement( 'section', [],
			Html::element( 'h2', [], $this->msg( $title )->text() ) . $list );
	}

	private function listOf( array $wikis, string $none ): string {
		$items = '';
		foreach ( $wikis as $wiki ) {
			$name = Html::rawElement( 'bdi', [], htmlspecialchars( $wiki['name'] ) );
			$stands = in_array( $wiki['status'], [ 'active', 'changing' ] ) && preg_match( '~^https?://~', $wiki['url'] );
			$items .= Html::rawElement( 'li', [], $stands ?
				Html::rawElement( 'a', [ 'href' => $wiki['url'] ], $name ) :
				$this->msg( 'wikifarm-list-being-made' )->rawParams( $name )->escaped() );
		}
		return $items === '' ?
			Html::element( 'p', [], $this->msg( $none )->text() ) :
			Html::rawElement( 'ul', [ 'class' => 'ext-wikifarm__list' ], $items );
	}

	private function showAnswer( string $page, string $texts ): void {
		$this->requireNamedUser( 'wikifarm-error-sign-in-needed' );
		$out = $this->getOutput();
		$out->setPageTitleMsg( $this->msg( "$texts-title" ) );
		// The code is good for whoever has it: no other site shall learn it.
		$this->getRequest()->response()->header( 'Referrer-Policy: no-referrer' );
		$code = $this->getRequest()->getRawVal( 'code' ) ?? '';
		if ( $code === '' ) {
			$out->addHTML( Html::errorBox( $this->msg( 'wikifarm-link-none' )->escaped() ) );
			return;
		}
		$fresh = $this->getRequest()->getRawVal( 'fresh' ) ?? '';
		// The console believes no browser's word for it, but how long ago it was.
		if ( $fresh === '1' && !$this->checkLoginSecurityLevel( 'wikifarm-sign-in' ) ) {
			return;
		}
		$hidden = static fn ( string $name, string $value ) =>
			[ 'type' => 'hidden', 'name' => $name, 'default' => $value ];
		HTMLForm::factory( 'codex',
			[ 'code' => $hidden( 'code', $code ), 'fresh' => $hidden( 'fresh', $fresh ) ], $this->getContext() )
			->setTitle( $this->getPageTitle( $page ) )
			->addHeaderHtml( $this->msg( "$texts-text", $this->getUser()->getName() )->parseAsBlock() )
			->setName( strtolower( $page ) )
			->setSubmitTextMsg( "$texts-submit" )
			->setSubmitCallback( fn () => $this->answer( $page, $code ) )
			->show();
	}

	/** @return Status|bool */
	private function answer( string $page, string $code ) {
		$user = ActingUser::newFromAuthority( $this->getAuthority() );
		$body = [ 'code' => $code ] + ( $page === 'SignIn' ? [ 'signed_in_seconds_ago' => $this->signedInAgo() ] : [] );
		try {
			$vouched = $this->client->ask( ServiceRequest::to( 'POST', [ self::ANSWERS[$page]['to'] ], [], $body ), $user );
		} catch ( ServiceFailure $failure ) {
			return Status::newFatal( $failure->getMessageValue() );
		}
		// Only this browser learns the secret in it, and only the one that began can use it.
		$this->getOutput()->redirect( (string)$vouched['url'] );
		return true;
	}

	/** Seconds since they showed in this session who they are; null for whoever is known by a cookie of long ago. */
	private function signedInAgo(): ?int {
		$session = $this->getRequest()->getSession();
		$at = $session->get( 'AuthManager:lastAuthTimestamp' );
		$isTheirs = $session->get( 'AuthManager:lastAuthId' ) === $this->getUser()->getId();
		return $isTheirs && is_int( $at ) ? max( 0, time() - $at ) : null;
	}

	/** @inheritDoc */
	public function doesWrites() {
		// Not here: at the service.
		return false;
	}

	/** @inheritDoc */
	protected function getGroupName() {
		return 'wiki';
	}
}
