<?php
/**
 * Makes the user that WIKISTEAD_FOUNDER names a sysop and bureaucrat of the wiki in whose folder this is run, and says
 * so in one line of JSON, which it has read back from the database. A wiki with accounts of its own gets that account
 * when it has none, without a password; on a wiki that shares the hub's, the account must be there, and is the one that
 * WIKISTEAD_ACCOUNT numbers: an account may be renamed, and somebody else then take its name.
 *
 * It may be run again. It ends with 3 when the hub has no such account, and with 4 when nobody can have that name.
 * Names come in the environment: none of them can be taken for an option.
 *
 * Who owns the wiki is a row of the table updatelog, and so is which account is whose: WIKISTEAD_USER is the number that
 * Wikistead knows the founder by. Of any other account nobody can say whose it is, whatever it is called.
 */

use MediaWiki\Auth\AuthManager;
use MediaWiki\MainConfigNames;
use MediaWiki\Maintenance\Maintenance;
use MediaWiki\User\User;
use MediaWiki\User\UserIdentity;
use MediaWiki\User\UserRigorOptions;
use Wikimedia\Rdbms\IDBAccessObject;

require_once __DIR__ . '/Maintenance.php';

class MakeFounder extends Maintenance {
	protected const NO_SUCH_ACCOUNT = 3;
	protected const NO_SUCH_NAME = 4;
	protected const OWNER = 'wikistead owner';
	protected const RIGHTS = [ 'sysop', 'bureaucrat' ];

	public function __construct() {
		parent::__construct();
		$this->addDescription( 'Make the user that WIKISTEAD_FOUNDER names a sysop and bureaucrat of this wiki' );
	}

	/** @inheritDoc */
	public function execute() {
		$hasHub = $this->hasHub();
		$founder = $hasHub && getenv( 'WIKISTEAD_ACCOUNT' ) ? $this->accountOfHub() : $this->accountByName( $hasHub );
		$this->promote( $founder );
		$this->writeOwner( $founder );
		$this->output( json_encode( $this->readBack( $founder ), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES ) . "\n" );
		return true;
	}

	/** By its number, whatever it is called today. */
	protected function accountOfHub(): UserIdentity {
		return $this->userOf( (int)getenv( 'WIKISTEAD_ACCOUNT' ) )
			?? $this->fatalError( 'The hub has no account of that number.', self::NO_SUCH_ACCOUNT );
	}

	private function accountByName( bool $hasHub ): UserIdentity {
		$asked = getenv( 'WIKISTEAD_FOUNDER' );
		if ( $asked === false ) {
			$this->fatalError( 'WIKISTEAD_FOUNDER names nobody.' );
		}
		$rigor = $hasHub ? UserRigorOptions::RIGOR_USABLE : UserRigorOptions::RIGOR_CREATABLE;
		$name = $this->getServiceContainer()->getUserNameUtils()->getCanonical( $asked, $rigor );
		if ( $name === false ) {
			$this->fatalError( 'WIKISTEAD_FOUNDER is no name that a user can have.', self::NO_SUCH_NAME );
		}
		$founder = $this->findUser( $name );
		if ( !$founder && $hasHub ) {
			$this->fatalError( 'The hub has no account of the founder\'s name.', self::NO_SUCH_ACCOUNT );
		}
		return $founder ?? $this->makeAccount( $name );
	}

	/** By an account of its own that a child had only while it was made, it would promote somebody else of the hub. */
	protected function hasHub(): bool {
		$pubwiki = is_readable( 'pubwiki.ini' ) ? parse_ini_file( 'pubwiki.ini' ) : false;
		$database = $this->getConfig()->get( MainConfigNames::DBname );
		if ( ( $pubwiki['WIKI_DB_NAME'] ?? null ) !== $database ) {
			$this->fatalError( 'This folder is not the wiki\'s own: its pubwiki.ini is missing or is another\'s.' );
		}
		$hub = $pubwiki['WIKI_SHARED_DB_NAME'] ?? '';
		$hasHub = $hub !== '' && $hub !== $database;
		if ( $hasHub && $this->getConfig()->get( MainConfigNames::SharedDB ) !== $hub ) {
			$this->fatalError( 'While WIKI_BOOTSTRAPING is true, this wiki does not know the accounts of its hub.' );
		}
		return $hasHub;
	}

	protected function findUser( string $name ): ?UserIdentity {
		return $this->getServiceContainer()->getUserIdentityLookup()
			->getUserIdentityByName( $name, IDBAccessObject::READ_LATEST );
	}

	protected function userOf( int $id ): ?UserIdentity {
		return $this->getServiceContainer()->getUserIdentityLookup()
			->getUserIdentityByUserId( $id, IDBAccessObject::READ_LATEST );
	}

	protected function makeAccount( string $name ): UserIdentity {
		$services = $this->getServiceContainer();
		$user = $services->getUserFactory()->newFromName( $name, UserRigorOptions::RIGOR_CREATABLE );
		$status = $services->getAuthManager()->autoCreateUser( $user, AuthManager::AUTOCREATE_SOURCE_MAINT, false );
		// Somebody else may have signed up under the name just now.
		if ( !$status->isGood() ) {
			$this->fatalError( 'The founder\'s account could not be made: ' . $status->getWikiText( false, false, 'en' ) );
		}
		return $user;
	}

	/** @return string[] the groups that they were not in */
	protected function promote( UserIdentity $founder ): array {
		$wanted = self::RIGHTS;
		// A private wiki of a hub is for those whom it took in.
		if ( $this->getConfig()->get( MainConfigNames::GroupPermissions )['member']['read'] ?? false ) {
			$wanted[] = 'member';
		}
		$manager = $this->getServiceContainer()->getUserGroupManager();
		$had = $manager->getUserGroups( $founder, IDBAccessObject::READ_LATEST );
		$new = array_values( array_diff( $wanted, $had ) );
		if ( $new ) {
			$db = $this->getPrimaryDB();
			$db->startAtomic( __METHOD__ );
			$manager->addUserToMultipleGroups( $founder, $new, null, true );
			$this->logRights( $founder, $had, array_merge( $had, $new ) );
			$db->endAtomic( __METHOD__ );
		}
		return $new;
	}

	/**
	 * @param UserIdentity $of
	 * @param string[] $had
	 * @param string[] $has
	 */
	protected function logRights( UserIdentity $of, array $had, array $has ): void {
		// MediaWiki 1.43 has it in no namespace.
		$logEntry = class_exists( 'MediaWiki\Logging\ManualLogEntry' ) ?
			'MediaWiki\Logging\ManualLogEntry' : 'ManualLogEntry';
		$entry = new $logEntry( 'rights', 'rights' );
		// The author of the main page.
		$entry->setPerformer( User::newSystemUser( 'MediaWiki default', [ 'steal' => true ] ) );
		$entry->setTarget( $this->getServiceContainer()->getUserFactory()->newFromUserIdentity( $of )->getUserPage() );
		$entry->setParameters( [ '4::oldgroups' => array_values( $had ), '5::newgroups' => array_values( $has ) ] );
		$entry->publish( $entry->insert( $this->getPrimaryDB() ) );
	}

	/** @param UserIdentity $account */
	protected function writeOwner( UserIdentity $account, array $more = [] ): void {
		$user = (int)getenv( 'WIKISTEAD_USER' );
		if ( $user === 0 ) {
			return;
		}
		$this->writeRow( self::OWNER, [ 'user' => $user, 'account' => $account->getId() ] + $more );
		$this->writeRow( self::accountRow( $user ), [ 'account' => $account->getId() ] );
	}

	protected static function accountRow( int $user ): string {
		return "wikistead account $user";
	}

	protected function readRow( string $key ): ?array {
		$value = $this->getPrimaryDB()->newSelectQueryBuilder()
			->select( 'ul_value' )->from( 'updatelog' )->where( [ 'ul_key' => $key ] )
			->caller( __METHOD__ )->fetchField();
		return is_string( $value ) ? json_decode( $value, true ) : null;
	}

	protected function writeRow( string $key, array $value ): void {
		$this->getPrimaryDB()->newReplaceQueryBuilder()
			->replaceInto( 'updatelog' )->uniqueIndexFields( 'ul_key' )
			->row( [ 'ul_key' => $key, 'ul_value' => json_encode( $value ) ] )
			->caller( __METHOD__ )->execute();
	}

	protected function removeRow( string $key ): void {
		$this->getPrimaryDB()->newDeleteQueryBuilder()
			->deleteFrom( 'updatelog' )->where( [ 'ul_key' => $key ] )
			->caller( __METHOD__ )->execute();
	}

	/** What the database has of them now; of the groups those that have not expired. */
	protected function readBack( UserIdentity $founder ): array {
		$db = $this->getPrimaryDB();
		$db->flushSnapshot( __METHOD__ );
		$id = $founder->getId();
		$name = $db->newSelectQueryBuilder()
			->select( 'user_name' )->from( 'user' )->where( [ 'user_id' => $id ] )
			->caller( __METHOD__ )->fetchField();
		$groups = $db->newSelectQueryBuilder()
			->select( 'ug_group' )->from( 'user_groups' )
			->where( [ 'ug_user' => $id ] )
			->andWhere( $db->expr( 'ug_expiry', '=', null )->or( 'ug_expiry', '>=', $db->timestamp() ) )
			->orderBy( 'ug_group' )
			->caller( __METHOD__ )->fetchFieldValues();
		return [ 'user' => (string)$name, 'user_id' => $id, 'groups' => $groups ];
	}
}

$maintClass = MakeFounder::class;
require_once RUN_MAINTENANCE_IF_MAIN;
