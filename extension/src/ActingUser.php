<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\Permissions\Authority;

/** Whom a request to the service is made for, as the service is told. */
class ActingUser {
	/** What the service hears of somebody's rights here; all others are none of its business. */
	public const RIGHTS = [ 'create-wiki', 'wikifarm-admin' ];

	/**
	 * @param int $id Of the account
	 * @param string $name
	 * @param string[] $rights Of those in RIGHTS
	 */
	public function __construct(
		public readonly int $id,
		public readonly string $name,
		public readonly array $rights
	) {
	}

	/** @return self|null Nobody without an account of their own: to the service they are all alike. */
	public static function newFromAuthority( Authority $authority ): ?self {
		if ( !$authority->isNamed() ) {
			return null;
		}
		$user = $authority->getUser();
		$rights = array_filter( self::RIGHTS, static fn ( string $right ) => $authority->isAllowed( $right ) );
		return new self( $user->getId(), $user->getName(), array_values( $rights ) );
	}
}
